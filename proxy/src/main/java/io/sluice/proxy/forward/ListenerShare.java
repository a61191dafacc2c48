package io.sluice.proxy.forward;

import io.sluice.proxy.limit.RunningRequests;
import java.time.Clock;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/**
 * What the event loops of one listener share.
 *
 * @param memory everything that is in buffers
 * @param running the requests that are counted
 * @param stopping whether new clients should go elsewhere
 * @param workers for what blocks
 * @param clock tells what time it is for people
 */
public record ListenerShare(
        ReplayMemory replayMemory,
        MemoryLimit memory,
        RunningRequests running,
        BooleanSupplier stopping,
        Executor workers,
        Clock clock) {}
