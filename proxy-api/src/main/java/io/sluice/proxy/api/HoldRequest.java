package io.sluice.proxy.api;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Body of {@code PUT …/holds/{name}}; without {@code drainTimeout} the pool's own applies. */
public record HoldRequest(String reason, @Nullable Duration drainTimeout) {}
