// By way of this file its types, which bring Node's with them, stay out of pages.
export { parse } from 'csv-parse/browser/esm';
