package io.sluice.rollout.plan;

/** What an instance ran before it was touched. The documents lie in the store as a bundle named {@code hash}. */
public record PreImage(String hash, String webhooksVersion, String connectionsVersion, long generation) {}
