package io.sluice.proxy.pool;

import io.sluice.proxy.api.JournalEntryView;
import io.sluice.proxy.api.PoolChange;
import io.sluice.proxy.api.RouteChange;
import io.sluice.proxy.api.RouteEntryView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What the journal has to be told of the way from some wishes to others. */
final class WishRecords {
    private final Instant now;
    private final String author;
    private final String reason;

    WishRecords(Instant now, String author, String reason) {
        this.now = now;
        this.author = author;
        this.reason = reason;
    }

    List<PoolRecord> between(Wishes before, Wishes after) {
        List<PoolRecord> records = new ArrayList<>();
        for (PoolState pool : after.pools()) {
            PoolState from = before.pool(pool.pool()).orElseGet(() -> PoolState.empty(pool.pool()));
            if (pool.revision() != from.revision()) {
                records.add(changed(from, pool));
            }
        }
        for (PoolState pool : before.pools()) {
            if (after.pool(pool.pool()).isEmpty()) {
                records.add(new PoolRecord.PoolDropped(pool.pool(), pool.revision()));
            }
        }
        if (after.routes().revision() != before.routes().revision()) {
            records.add(changed(before.routes(), after.routes()));
        }
        return records;
    }

    private PoolRecord changed(PoolState before, PoolState after) {
        boolean sameSettings = before.settings().equals(after.settings());
        JournalEntryView entry = new JournalEntryView(
                after.pool(),
                before.revision(),
                after.revision(),
                now,
                author,
                reason,
                null,
                changes(before, after),
                sameSettings ? null : after.settings());
        return new PoolRecord.Changed(entry, PoolRecord.AfterImage.of(before, after), List.of());
    }

    private static List<PoolChange> changes(PoolState before, PoolState after) {
        List<PoolChange> changes = new ArrayList<>();
        for (BackendState backend : before.backends()) {
            if (after.backend(backend.id()).isEmpty()) {
                changes.add(new PoolChange.RemoveBackend(backend.id(), false));
            }
        }
        for (BackendState backend : after.backends()) {
            if (!before.backends().contains(backend)) {
                changes.add(new PoolChange.PutBackend(
                        backend.id(),
                        backend.address(),
                        backend.adminUrl(),
                        backend.weight(),
                        backend.backup(),
                        backend.maxInFlight()));
            }
        }
        if (!Objects.equals(before.minInService(), after.minInService())) {
            changes.add(new PoolChange.SetMinInService(after.floor()));
        }
        return changes;
    }

    private PoolRecord changed(RoutesState before, RoutesState after) {
        List<RouteChange> changes = new ArrayList<>();
        if (!before.rateLimits().equals(after.rateLimits())) {
            changes.add(new RouteChange(RouteChange.Op.SET_RATE_LIMITS, null, after.rateLimits()));
        }
        for (Document route : before.routes()) {
            if (after.route(route.name()).isEmpty()) {
                changes.add(new RouteChange(RouteChange.Op.REMOVE_ROUTE, route.name(), null));
            }
        }
        for (Document route : after.routes()) {
            if (!before.route(route.name()).equals(Optional.of(route))) {
                changes.add(new RouteChange(RouteChange.Op.PUT_ROUTE, route.name(), route.settings()));
            }
        }
        if (changes.isEmpty()) {
            changes.add(new RouteChange(RouteChange.Op.REORDER, null, null));
        }
        return new PoolRecord.RoutesChanged(
                new RouteEntryView(before.revision(), after.revision(), now, author, reason, changes), after);
    }
}
