// Package browsertest tries the pages in a real browser, against the whole
// server on a real database: every page in both languages, wide and narrow,
// light and dark, without a violation that axe-core finds and without a word
// on the console; and the stories that the product is made for.
//
// A missing browser fails the tests: nothing is skipped. With
// HOLDFAST_SCREENSHOTS=FOLDER the walk also writes a picture of each page.
package browsertest
