package io.sluice.instance.outbox;

import java.util.Objects;

/** One step that an accepted event has to take: its id in the webhook's chain, and whether {@code ack: delivered} waits for it. */
public record StepPlan(String id, boolean required) {
    public StepPlan {
        Objects.requireNonNull(id, "id");
    }
}
