/**
 * Reads the syntax of nginx configurations: directives with arguments, blocks, quotes, comments, includes, with the line each began on. {@link
 * io.sluice.nginx.syntax.ConfigurationReader} is the way in. Nothing is run or looked up but the files that are included, and all of it is
 * bounded. What a directive means is not known here.
 */
@NullMarked
package io.sluice.nginx.syntax;

import org.jspecify.annotations.NullMarked;
