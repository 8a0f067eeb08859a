/** Given and family names of one script, each as `written|latinised`; twelve of each, so that SQL can index them. */
interface Script {
  readonly given: string;
  readonly family: string;
}

export const NAMES_PER_SCRIPT = 12;

/** The first four are the Latin ones: they are drawn more often, as in most user bases. */
export const LATIN_SCRIPTS = 4;

export const SCRIPTS: readonly Script[] = [
  {
    given:
      'Alice|alice Benjamin|benjamin Charlotte|charlotte Daniel|daniel Emily|emily Frank|frank Grace|grace Henry|henry Isabel|isabel Jack|jack Katherine|katherine Liam|liam',
    family:
      "Smith|smith O'Brien|obrien Taylor|taylor Anderson-Lee|andersonlee Walker|walker Hughes|hughes Robinson|robinson Wright|wright McAllister|mcallister Young|young St.John|stjohn Baker|baker",
  },
  {
    given:
      'Zoë|zoe Jürgen|juergen Françoise|francoise Søren|soeren Åsa|aasa José|jose Añes|anes Łukasz|lukasz Šárka|sarka Győző|gyozo İpek|ipek Þórunn|thorunn',
    family:
      'Müller|mueller Lefèvre|lefevre Ångström|aangstroem Núñez|nunez Çelik|celik Dvořák|dvorak Wiśniewski|wisniewski Őry|ory Sørensen|sorensen Guðmundsdóttir|gudmundsdottir Groß|gross Țepeș|tepes',
  },
  {
    given:
      'Nguyệt|nguyet Thảo|thao Đức|duc Hương|huong Quỳnh|quynh Tuấn|tuan Ngọc|ngoc Phượng|phuong Vỹ|vy Bảo|bao Khánh|khanh Mỹ|my',
    family:
      'Nguyễn|nguyen Trần|tran Lê|le Phạm|pham Huỳnh|huynh Võ|vo Đặng|dang Bùi|bui Đỗ|do Hồ|ho Ngô|ngo Dương|duong',
  },
  {
    given:
      'Olivia|olivia Mateo|mateo Sofia|sofia Luca|luca Marta|marta Pieter|pieter Ingrid|ingrid Kwame|kwame Amara|amara Tane|tane Leilani|leilani Malik|malik',
    family:
      'Rossi|rossi vanderBerg|vanderberg Garcia|garcia Silva|silva Kowalska|kowalska Nkrumah|nkrumah Adeyemi|adeyemi Larsen|larsen Virtanen|virtanen Popescu|popescu Kaʻahumanu|kaahumanu Jansen|jansen',
  },
  {
    given:
      'Александр|aleksandr Мария|maria Дмитрий|dmitry Ольга|olga Сергей|sergey Ксения|ksenia Юрій|yurii Наталія|nataliia Ђорђе|djordje Љиљана|ljiljana Иван|ivan Цветана|tsvetana',
    family:
      'Иванов|ivanov Смирнова|smirnova Кузнецов|kuznetsov Шевченко|shevchenko Щербаков|shcherbakov Їжакевич|yizhakevych Петровић|petrovic Димитрова|dimitrova Попов|popov Ёлкин|yolkin Ґудзь|gudz Николов|nikolov',
  },
  {
    given:
      'Αλέξανδρος|alexandros Μαρία|maria Γεώργιος|georgios Ελένη|eleni Νίκος|nikos Σοφία|sofia Δημήτρης|dimitris Ιωάννα|ioanna Κώστας|kostas Φωτεινή|foteini Χρήστος|christos Ζωή|zoi',
    family:
      'Παπαδόπουλος|papadopoulos Νικολάου|nikolaou Γεωργίου|georgiou Οικονόμου|oikonomou Βασιλείου|vasileiou Αθανασίου|athanasiou Μακρής|makris Σαμαράς|samaras Ραΐδης|raidis Ξενάκης|xenakis Ψαρρός|psarros Ωραιοπούλου|oraiopoulou',
  },
  {
    given:
      'مريم|maryam أحمد|ahmad فاطمة|fatima يوسف|yusuf زينب|zaynab خالد|khalid ليلى|layla عمر|umar نور|nur حسين|husayn آمنة|amina إبراهيم|ibrahim',
    family:
      'الخطيب|alkhatib حداد|haddad المصري|almasri بن‌علي|benali السيد|alsayyid قاسم|qasim الطائي|altai منصور|mansur شاهین|shahin پهلوان|pahlavan گلزار|golzar چودھری|chaudhry',
  },
  {
    given:
      'נועה|noa דוד|david שרה|sarah יוסף|yosef רחל|rachel אברהם|avraham תמר|tamar משה|moshe יעל|yael אורי|uri מִרְיָם|miriam איתן|eitan',
    family:
      'כהן|cohen לוי|levi מזרחי|mizrahi פרץ|peretz ביטון|biton דהן|dahan אברהמי|avrahami פרידמן|friedman גולדשטיין|goldstein שפירא|shapira קליין|klein אוחיון|ohayon',
  },
  {
    given:
      '伟|wei 秀英|xiuying 娜|na 强|qiang 静|jing 敏|min 淑芬|shufen 志明|zhiming 雅婷|yating 𠮷子|jizi 嘉欣|jiaxin 子轩|zixuan',
    family:
      '王|wang 李|li 张|zhang 劉|liu 陳|chen 楊|yang 歐陽|ouyang 司馬|sima 趙|zhao 黃|huang 周|zhou 𤭢|sui',
  },
  {
    given:
      'さくら|sakura 陽翔|haruto ユイ|yui 蓮|ren あおい|aoi 湊|minato カレン|karen 大翔|hiroto ひなた|hinata 結菜|yuna ジョン|jon 健|ken',
    family:
      '佐藤|sato 鈴木|suzuki 髙橋|takahashi 田中|tanaka 渡邊|watanabe 山本|yamamoto 斎藤|saito 𠮷田|yoshida 佐々木|sasaki オブライエン|oburaien 小林|kobayashi 五十嵐|igarashi',
  },
  {
    given:
      '민준|minjun 서연|seoyeon 도윤|doyun 지우|jiu 하은|haeun 예준|yejun 수빈|subin 현우|hyeonu 유나|yuna 지훈|jihun 은지|eunji 태양|taeyang',
    family:
      '김|kim 이|lee 박|park 최|choi 정|jung 강|kang 조|cho 윤|yoon 장|jang 남궁|namgung 선우|sunwoo 황보|hwangbo',
  },
  {
    given:
      'आरव|aarav प्रिया|priya विवान|vivaan अनन्या|ananya कृष्ण|krishna दीपिका|deepika राहुल|rahul श्रेया|shreya अर्जुन|arjun लक्ष्मी|lakshmi संजय|sanjay ज्योति|jyoti',
    family:
      'शर्मा|sharma वर्मा|verma गुप्ता|gupta सिंह|singh पटेल|patel मिश्र|mishra चतुर्वेदी|chaturvedi जोशी|joshi देशपांडे|deshpande अय्यर|iyer क्षत्रिय|kshatriya राव|rao',
  },
  {
    given:
      'สมชาย|somchai สมหญิง|somying ณัฐวุฒิ|natthawut กัญญา|kanya ธนพล|thanaphon ปิยะดา|piyada อนุชา|anucha จิราพร|jiraphon วีรยุทธ|wirayut น้ำฝน|namfon ศิริพร|siriphon ก้อง|kong',
    family:
      'ใจดี|jaidee ทองคำ|thongkham ศรีสุข|srisuk แสงจันทร์|saengchan วงศ์ไพบูลย์|wongphaibun รัตนากร|rattanakorn เจริญผล|charoenphon บุญมี|boonmee พูลสวัสดิ์|phunsawat สุวรรณ|suwan ชัยวัฒน์|chaiwat เล็ก|lek',
  },
  {
    given:
      'សុខា|sokha ដារា|dara ស្រីមុំ|sreymom វិបុល|vibol ចន្ទា|chantha បូរ៉ា|bora ម៉ាលី|maly រតនា|ratana ពិសិដ្ឋ|piseth សុភា|sophea វណ្ណៈ|vannak កល្យាណ|kalyan',
    family: 'សុខ|sok ចាន់|chan កែវ|keo ហេង|heng លឹម|lim ប៊ុន|bun ស៊ន|son ឈឹម|chhim ខៀវ|khieu នួន|nuon ទេព|tep យិន|yin',
  },
];
