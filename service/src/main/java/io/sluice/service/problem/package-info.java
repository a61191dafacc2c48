/**
 * Errors that callers can read: {@link io.sluice.service.problem.Problem} is an {@code application/problem+json} document (RFC 9457), {@link
 * io.sluice.service.problem.ProblemException} carries one to the edge of the process. Knows nothing of HTTP servers.
 */
@NullMarked
package io.sluice.service.problem;

import org.jspecify.annotations.NullMarked;
