package io.sluice.proxy.forward;

import java.util.concurrent.Executor;

/**
 * What the event loops of one listener share.
 *
 * @param workers for what blocks
 */
public record ListenerShare(ReplayMemory replayMemory, Executor workers) {}
