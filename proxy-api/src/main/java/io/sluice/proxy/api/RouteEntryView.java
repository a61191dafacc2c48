package io.sluice.proxy.api;

import java.time.Instant;
import java.util.List;

/** One change of the routes as journalled: who, when, from which revision to which, why and what. */
public record RouteEntryView(
        long fromRevision, long toRevision, Instant at, String author, String reason, List<RouteChange> changes) {
    public RouteEntryView {
        changes = List.copyOf(changes);
    }
}
