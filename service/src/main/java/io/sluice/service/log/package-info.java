/**
 * Log lines: Logback configured in code as text or JSON, to the error output, each line with the id of the request it belongs to. {@link
 * io.sluice.service.log.RequestId} makes, checks and remembers those ids.
 */
@NullMarked
package io.sluice.service.log;

import org.jspecify.annotations.NullMarked;
