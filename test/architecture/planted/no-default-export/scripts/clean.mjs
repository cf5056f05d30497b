export default () => undefined; // planted
