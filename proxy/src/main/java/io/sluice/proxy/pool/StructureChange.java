package io.sluice.proxy.pool;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A change of which pools and routes there are. Documents have the keys of the settings file. */
public sealed interface StructureChange {
    /** Creates or replaces a route; a new one comes last. */
    record PutRoute(String name, ObjectNode document) implements StructureChange {}

    record RemoveRoute(String name) implements StructureChange {}

    /**
     * Replaces all routes, and their order.
     *
     * @param rateLimits absent: they stay
     */
    record ReplaceRoutes(List<Document> routes, @Nullable ObjectNode rateLimits) implements StructureChange {
        public ReplaceRoutes {
            routes = List.copyOf(routes);
        }
    }

    /** Creates or replaces a pool with its backends; holds on those that stay stay. */
    record PutPool(String name, ObjectNode document) implements StructureChange {}

    /** Removes a pool to which no route leads; its requests finish. Refused under somebody else's hold unless {@code force}. */
    record RemovePool(String name, boolean force) implements StructureChange {}

    /** Takes in what a settings file says by now. */
    record TakeFile(FileContents file, Prefer prefer) implements StructureChange {}
}
