package io.sluice.proxy.pool;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.proxy.pool.FileConflictException.Conflict;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Merges single values: what was, what the file says, what is live. What only one side changed is taken from it; what both changed alike is
 * agreed; what both changed differently is a conflict, unless one side is preferred.
 */
final class ThreeWay {
    static final String ABSENT = "absent";

    private final Prefer prefer;
    private final List<Conflict> conflicts = new ArrayList<>();

    ThreeWay(Prefer prefer) {
        this.prefer = prefer;
    }

    List<Conflict> conflicts() {
        return conflicts;
    }

    <T> @Nullable T merge(String key, @Nullable T base, @Nullable T file, @Nullable T live) {
        if (Objects.equals(base, file) || Objects.equals(file, live)) {
            return live;
        }
        boolean contradict = !Objects.equals(base, live);
        return !contradict || fileWins(key, file, base, live) ? file : live;
    }

    /** Member by member, however deep; lists are taken as a whole. */
    ObjectNode merge(String key, @Nullable ObjectNode base, ObjectNode file, ObjectNode live) {
        Set<String> names = new LinkedHashSet<>();
        live.fieldNames().forEachRemaining(names::add);
        file.fieldNames().forEachRemaining(names::add);
        ObjectNode merged = JsonNodeFactory.instance.objectNode();
        for (String name : names) {
            JsonNode now =
                    mergeMember(key + "." + name, base == null ? null : base.get(name), file.get(name), live.get(name));
            if (now != null) {
                merged.set(name, now);
            }
        }
        return merged;
    }

    private @Nullable JsonNode mergeMember(
            String key, @Nullable JsonNode base, @Nullable JsonNode file, @Nullable JsonNode live) {
        if (file instanceof ObjectNode inFile && live instanceof ObjectNode inUse) {
            return merge(key, base instanceof ObjectNode before ? before : null, inFile, inUse);
        }
        return merge(key, base, file, live);
    }

    /** Decides a contradiction; true also when it is a conflict, which stops everything in the end. */
    boolean fileWins(String key, @Nullable Object file, @Nullable Object base, @Nullable Object live) {
        if (prefer == Prefer.NOBODY) {
            conflicts.add(new Conflict(key, describe(file), describe(base), describe(live)));
        }
        return prefer != Prefer.LIVE;
    }

    private static String describe(@Nullable Object value) {
        if (value instanceof BackendSettings backend) {
            return backend.address() + " weight " + backend.weight();
        }
        if (value instanceof Document document) {
            return document.settings().toString();
        }
        return value == null ? ABSENT : value.toString();
    }
}
