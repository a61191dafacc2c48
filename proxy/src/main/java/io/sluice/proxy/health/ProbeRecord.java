package io.sluice.proxy.health;

import io.sluice.proxy.api.ProbeResult;
import java.time.Instant;

/** One check and when it ended. */
public record ProbeRecord(Instant at, ProbeResult result) {}
