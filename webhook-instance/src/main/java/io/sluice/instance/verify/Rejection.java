package io.sluice.instance.verify;

/** Why a request was refused, for logs and metrics only: both are short names from a fixed set. */
public record Rejection(String scheme, String reason) {}
