/** @file What the page knows of its service worker. The worker itself is built by itself. */
export * from './messages.js';
