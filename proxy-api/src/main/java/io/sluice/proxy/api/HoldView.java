package io.sluice.proxy.api;

import java.time.Instant;

/** A named reason why a backend is kept out of its pool; {@code revision} is the pool's when it was placed. */
public record HoldView(String name, String reason, String author, Instant since, long revision) {}
