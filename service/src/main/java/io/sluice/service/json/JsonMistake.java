package io.sluice.service.json;

/** One mistake in a JSON document: where (JSON Pointer, RFC 6901; empty for the whole) and what. */
public record JsonMistake(String pointer, String detail) {}
