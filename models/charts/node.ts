/** @file Curves as SVG: the door of this folder. Node only: what draws is a megabyte of script. */
export { colors } from './colors.js';
export { type Chart, drawChart, type Series } from './draw-chart.js';
export { standaloneChart } from './standalone-chart.js';
