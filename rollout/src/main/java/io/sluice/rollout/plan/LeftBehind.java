package io.sluice.rollout.plan;

/** A backend that a finished rollout deliberately left with its hold, QUARANTINED or LOST, and why. */
public record LeftBehind(String pool, String backend, String hold, Step exit, String reason) {}
