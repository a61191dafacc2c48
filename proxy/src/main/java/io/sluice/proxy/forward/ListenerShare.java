package io.sluice.proxy.forward;

import io.sluice.proxy.limit.RateLimiters;

/** What the event loops of one listener share. */
public record ListenerShare(ReplayMemory replayMemory, RateLimiters limiters) {}
