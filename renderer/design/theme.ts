import {
  createTheme,
  PasswordInput,
  type CSSVariablesResolver,
  type MantineColorsTuple,
} from '@mantine/core';
import { HeldButton } from './held-button.tsx';

/** Deep water under a bridge: what can be done. */
const moat: MantineColorsTuple = [
  '#ecf6f8',
  '#d7eaee',
  '#aed5dd',
  '#82bfcb',
  '#5dacbc',
  '#459fb2',
  '#2f8ca1',
  '#1f7488',
  '#135c6e',
  '#0a4453',
];
/** Paper and ink: everything that only stands there. */
const slate: MantineColorsTuple = [
  '#f6f7f8',
  '#eceef0',
  '#dadee2',
  '#bcc3ca',
  '#97a1ab',
  '#727e8a',
  '#56626e',
  '#3d4854',
  '#27313b',
  '#161d25',
];
/** A lamp at the gate: look before you go on. */
const amber: MantineColorsTuple = [
  '#fff6e5',
  '#fdebc8',
  '#f9d594',
  '#f4bd5b',
  '#efa92f',
  '#e29612',
  '#c07c08',
  '#966006',
  '#704709',
  '#4d310a',
];
/** The portcullis: production, and what is lost. */
const brick: MantineColorsTuple = [
  '#fdf0ee',
  '#f9dcd8',
  '#f1b6ae',
  '#e78c80',
  '#dd675a',
  '#d04b3d',
  '#b93728',
  '#992a1d',
  '#782015',
  '#54160e',
];
const moss: MantineColorsTuple = [
  '#eff7ee',
  '#dcecda',
  '#b7d8b3',
  '#8fc289',
  '#6aac64',
  '#4f9649',
  '#3b7d37',
  '#2d652a',
  '#224e20',
  '#173817',
];

export const theme = createTheme({
  colors: { moat, slate, amber, brick, moss, gray: slate, dark: darkSlate() },
  primaryColor: 'moat',
  // One for both themes: Mantine decides by the light one what is written on it.
  primaryShade: 7,
  autoContrast: true,
  // Where black and white stand out equally (WCAG): below it white is easier to read, above it black.
  luminanceThreshold: 0.18,
  fontFamily: "'IBM Plex Sans', system-ui, sans-serif",
  fontFamilyMonospace: "'IBM Plex Mono', ui-monospace, monospace",
  headings: { fontFamily: "'IBM Plex Sans', system-ui, sans-serif", fontWeight: '600' },
  defaultRadius: 'sm',
  radius: { xs: '2px', sm: '4px', md: '6px', lg: '10px', xl: '16px' },
  respectReducedMotion: true,
  cursorType: 'pointer',
  focusRing: 'auto',
  components: {
    Button: { defaultProps: { component: HeldButton } },
    // The eye is reached by keyboard, too.
    PasswordInput: PasswordInput.extend({ defaultProps: { visibilityToggleFocusable: true } }),
  },
});

/** Mantine's dark greys, with a little of the water in them: 0 is text, 7 the page. */
function darkSlate(): MantineColorsTuple {
  return [
    '#dde4ea',
    '#c3ccd4',
    '#a5b0ba',
    '#84909b',
    '#46525d',
    '#36414b',
    '#26303a',
    '#171f27',
    '#111820',
    '#0b1016',
  ];
}

/** Where Mantine's own values are too pale to be read easily (WCAG AA, 4.5 : 1). */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#56626e',
    '--mantine-color-placeholder': '#6a7682',
    '--mantine-color-error': '#b93728',
    '--mantine-color-body': '#fbfcfc',
  },
  dark: {
    '--mantine-color-dimmed': '#a5b0ba',
    '--mantine-color-placeholder': '#94a0ab',
    '--mantine-color-error': '#e78c80',
    '--mantine-color-body': '#171f27',
  },
});
