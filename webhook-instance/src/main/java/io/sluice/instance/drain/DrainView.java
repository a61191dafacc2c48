package io.sluice.instance.drain;

import java.util.List;

/** A drain at one moment. {@code overdue}: requests run although a holder's deadline has passed; nothing is cut because of it. */
public record DrainView(DrainPhase phase, List<String> holders, long inFlight, boolean overdue) {
    public DrainView {
        holders = List.copyOf(holders);
    }
}
