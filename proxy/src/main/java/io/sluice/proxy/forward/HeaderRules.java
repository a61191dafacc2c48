package io.sluice.proxy.forward;

import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.http1.MessageWriter;
import io.sluice.proxy.route.HeaderChanges;
import io.sluice.proxy.route.HeaderTemplate;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A route's {@link HeaderChanges} in the form that the traffic path uses. */
final class HeaderRules {
    private record Added(byte[] name, HeaderTemplate value) {}

    private final String[] removed;
    private final List<Added> added;

    private HeaderRules(HeaderChanges changes) {
        this.removed = changes.removed().toArray(String[]::new);
        this.added = changes.added().stream()
                .map(field -> new Added(MessageWriter.ascii(field.name()), field.value()))
                .toList();
    }

    /** Null when nothing is changed. */
    static @Nullable HeaderRules of(HeaderChanges changes) {
        return changes.isNone() ? null : new HeaderRules(changes);
    }

    /** Whether the {@code i}-th field is left out. */
    boolean removes(Fields fields, int i) {
        for (String name : removed) {
            if (fields.nameIs(i, name)) {
                return true;
            }
        }
        return false;
    }

    boolean removes(byte[] name) {
        for (String each : removed) {
            if (each.length() == name.length && each.equalsIgnoreCase(new String(name, StandardCharsets.US_ASCII))) {
                return true;
            }
        }
        return false;
    }

    void add(Function<HeaderTemplate.Variable, String> values, BiConsumer<byte[], String> to) {
        for (Added field : added) {
            to.accept(field.name, field.value.fill(values));
        }
    }
}
