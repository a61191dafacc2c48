/**
 * How the command line talks to a running Sluice: blocking calls over the JDK's HTTP client, since a command does one thing after the
 * other and should start fast. {@link io.sluice.client.ApiClient} knows tokens and problems; the others know one API each. Reads answers
 * as trees, so that a newer server with more members does not break an older command.
 */
@NullMarked
package io.sluice.client;

import org.jspecify.annotations.NullMarked;
