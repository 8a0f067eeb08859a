/** Names that people read as names, and nobody as those of their colleagues. Plain letters: they stand in addresses too. */
export const FIRST_NAMES = words(`
Ada Aino Alma Amar Anouk Ariel Asta Aziz Bela Birk Bodil Bruno Carla Ciro Cleo Dara Dario Dilan Edda Elio Elke Emre
Enya Esra Ezra Fabio Faye Finn Frida Gael Gita Greta Hakon Hana Hugo Ida Ilan Ines Iris Ivo Jana Jaro Jonas Joska Juno
Kaja Kalle Kira Lale Lars Leon Lida Lior Livia Luca Maia Malik Mara Marlo Mika Milan Mira Nadim Nela Niko Noor Odin
Olga Orla Oskar Pavel Petra Pia Quinn Rafi Remo Rika Romy Runa Sami Sanna Saskia Silas Siri Sven Tamar Tarik Tess Tilo
Timo Uma Ursa Vera Viggo Wanda Wim Xenia Yara Yuri Zeno Zita
`);

export const LAST_NAMES = words(`
Abelson Adair Ahlberg Almeida Ambrose Arden Aster Bakker Barlow Becker Bellamy Berg Birch Blom Bolton Brandt Brook
Calder Carver Castell Clay Cole Corbin Dahl Dale Danner Devlin Drake Eklund Ellery Engel Falk Farrow Fenn Fisk Forster
Frost Gale Garland Gibson Grove Hale Halloran Hart Haven Heath Holm Horvat Ibsen Jansen Jarvis Keller Kemp Kestrel
Kovac Lake Lambert Larkin Lind Lorenz Lund Marlow Meadow Mercer Moreau Moss Nagy Nash Nilsen Norwood Novak Oakes Olsen
Orchard Palmer Penn Petrov Quist Rand Reed Rivers Roth Rowan Sander Sawyer Shaw Solberg Sorel Stone Storm Tanner Thorn
Tobin Vale Varga Vogel Wade Weller West Winter Wood Yates Zeller
`);

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
