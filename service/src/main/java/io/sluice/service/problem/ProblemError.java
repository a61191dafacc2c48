package io.sluice.service.problem;

/** One of the mistakes behind a problem; {@code pointer} is a JSON Pointer (RFC 6901) into the request body, empty for the whole. */
public record ProblemError(String pointer, String detail) {}
