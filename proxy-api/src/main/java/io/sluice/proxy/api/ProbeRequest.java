package io.sluice.proxy.api;

import org.jspecify.annotations.Nullable;

/** Body of {@code POST …/probes}: one GET over the data path; without {@code path} the pool's health path. */
public record ProbeRequest(@Nullable String path) {}
