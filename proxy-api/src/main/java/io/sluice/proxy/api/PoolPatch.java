package io.sluice.proxy.api;

import java.util.List;

/** Body of {@code PATCH /v1/pools/{pool}}: all changes take effect in one revision, or none does. */
public record PoolPatch(List<PoolChange> changes, String reason) {
    public PoolPatch {
        changes = List.copyOf(changes);
    }
}
