package io.sluice.proxy.pool;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.proxy.api.DrainOperation;
import io.sluice.proxy.api.JournalEntryView;
import io.sluice.proxy.api.Origin;
import io.sluice.proxy.api.RouteEntryView;
import io.sluice.proxy.pool.FileContents.FilePool;
import io.sluice.service.json.Json;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One entry of the journal of pools, as JSON; later entries win, so that a lost one spoils only what it alone touched. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = PoolRecord.Changed.class, name = "changed"),
    @JsonSubTypes.Type(value = PoolRecord.DrainEnded.class, name = "drain-ended"),
    @JsonSubTypes.Type(value = PoolRecord.FileApplied.class, name = "file-applied"),
    @JsonSubTypes.Type(value = PoolRecord.PoolDropped.class, name = "pool-dropped"),
    @JsonSubTypes.Type(value = PoolRecord.RoutesChanged.class, name = "routes-changed"),
    @JsonSubTypes.Type(value = PoolRecord.Compacted.class, name = "compacted")
})
sealed interface PoolRecord {
    static List<byte[]> encode(List<PoolRecord> records) {
        return records.stream().map(Json::writeBytes).toList();
    }

    /** A pool got a new revision. */
    record Changed(JournalEntryView entry, AfterImage after, List<DrainOperation> drains) implements PoolRecord {}

    /** A drain reached a final state. */
    record DrainEnded(DrainOperation drain) implements PoolRecord {}

    /** The pools and routes as the file described them when it was last taken in. */
    record FileApplied(
            List<FilePool> pools,
            @Nullable ObjectNode rateLimits,
            @Nullable List<Document> routes) implements PoolRecord {
        static FileApplied of(FileContents file) {
            return new FileApplied(file.pools(), file.rateLimits(), file.routes());
        }

        FileContents contents() {
            return new FileContents(
                    pools,
                    rateLimits == null ? JsonNodeFactory.instance.objectNode() : rateLimits,
                    routes == null ? List.of() : routes);
        }
    }

    /** A pool went; {@code revision} is the last that it had. */
    record PoolDropped(String pool, long revision) implements PoolRecord {}

    /** The routes got a new revision. */
    record RoutesChanged(RouteEntryView entry, RoutesState after) implements PoolRecord {}

    /**
     * Everything up to here.
     *
     * @param dropped the last revision of pools that are gone
     */
    record Compacted(
            List<PoolState> pools,
            List<JournalEntryView> entries,
            List<DrainOperation> drains,
            @Nullable List<FilePool> file,
            @Nullable ObjectNode fileRateLimits,
            @Nullable List<Document> fileRoutes,
            @Nullable RoutesState routes,
            @Nullable List<RouteEntryView> routeEntries,
            @Nullable Map<String, Long> dropped)
            implements PoolRecord {
        @Nullable
        FileContents contents() {
            return file == null ? null : new FileApplied(file, fileRateLimits, fileRoutes).contents();
        }
    }

    /** How that which a change touched looks after it, complete; {@code removed} maps the ids that are gone to their last incarnation. */
    record AfterImage(
            long epoch,
            @Nullable Integer minInService,
            List<String> acceptedConfiguration,
            List<BackendState> backends,
            Map<String, Long> removed,
            @Nullable Origin origin,
            @Nullable ObjectNode settings) {
        static AfterImage of(PoolState before, PoolState after) {
            Map<String, BackendState> known = new HashMap<>();
            before.backends().forEach(backend -> known.put(backend.id(), backend));
            List<BackendState> touched = after.backends().stream()
                    .filter(backend -> !backend.equals(known.get(backend.id())))
                    .toList();
            Map<String, Long> removed = new LinkedHashMap<>();
            after.retired().forEach((id, incarnation) -> {
                if (!incarnation.equals(before.retired().get(id)) || known.containsKey(id)) {
                    removed.put(id, incarnation);
                }
            });
            boolean sameSettings = after.document().equals(before.document()) && before.revision() > 0;
            return new AfterImage(
                    after.epoch(),
                    after.minInService(),
                    after.acceptedConfiguration(),
                    touched,
                    removed,
                    sameSettings ? null : after.origin(),
                    sameSettings ? null : after.settings());
        }
    }
}
