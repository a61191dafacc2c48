package io.sluice.proxy.pool;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Understands what pools do not: routes, and how backends are checked and chosen. Called by one thread at a time, the writer's once there is
 * one; may block.
 */
public interface Interpreter {
    /**
     * Reads a pool's whole description, backends included.
     *
     * @throws ChangeRefusedException with everything that is wrong with it, pointers leading into the document
     */
    PoolSettings pool(String name, ObjectNode document);

    /**
     * Gets everything ready for a structure that is to be.
     *
     * @param taken the reading of the settings file that it comes of; absent when it is another change
     * @throws ChangeRefusedException with everything that is wrong with it; pointers begin with {@code /pools/NAME} or {@code /routes/0}
     */
    Prepared prepare(Structure next, @Nullable FileContents taken);

    /** The names of the routes that lead to a pool. */
    List<String> routesTo(String pool, RoutesState routes);

    /** A structure that could take effect. */
    interface Prepared {
        /** What a pool of that structure is like; its backends and its floor are of no meaning here. */
        PoolSettings settings(String pool);

        /** Makes it take effect. Pools that are new exist already; those that are gone still work for the requests that they have. */
        void takeEffect(Function<String, BackendPool> pools);
    }
}
