package io.sluice.proxy.pool;

import io.sluice.proxy.api.BackendSource;
import io.sluice.proxy.api.HoldView;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is wished of one backend: the durable part of it, as the journal keeps it. */
record BackendState(
        String id,
        String address,
        @Nullable String adminUrl,
        int weight,
        long incarnation,
        List<Hold> holds,
        boolean backup,
        @Nullable Integer maxInFlight,
        BackendSource source) {

    /** A hold with the drain that it started. */
    record Hold(HoldView view, String operation, boolean durable) {}

    /** As a file wishes it. */
    static BackendState of(BackendSettings wished, long incarnation, List<Hold> holds) {
        return of(wished, incarnation, holds, BackendSource.STATIC);
    }

    static BackendState of(BackendSettings wished, long incarnation, List<Hold> holds, BackendSource source) {
        return new BackendState(
                wished.id(),
                wished.address(),
                wished.adminUrl(),
                wished.weight(),
                incarnation,
                holds,
                wished.backup(),
                wished.maxInFlight(),
                source);
    }

    BackendState {
        holds = List.copyOf(holds);
        // An earlier version did not keep it.
        source = Objects.requireNonNullElse(source, BackendSource.STATIC);
    }

    boolean isHeld() {
        return !holds.isEmpty();
    }

    Optional<Hold> hold(String name) {
        return holds.stream().filter(hold -> hold.view().name().equals(name)).findFirst();
    }

    BackendState withHolds(List<Hold> newHolds) {
        return new BackendState(id, address, adminUrl, weight, incarnation, newHolds, backup, maxInFlight, source);
    }

    /** As a restart finds it. */
    BackendState asDurable() {
        return withHolds(holds.stream()
                .map(hold -> new Hold(hold.view(), hold.operation(), true))
                .toList());
    }
}
