export { webLightTheme } from '@fluentui/react-components';
