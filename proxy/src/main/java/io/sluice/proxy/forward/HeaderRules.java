package io.sluice.proxy.forward;

import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.http1.MessageWriter;
import io.sluice.proxy.route.HeaderChanges;
import io.sluice.proxy.route.HeaderTemplate;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A route's {@link HeaderChanges} in the form that the traffic path uses. */
final class HeaderRules {
    private final String[] removed;
    private final byte[][] names;
    private final HeaderTemplate[] values;

    private HeaderRules(HeaderChanges changes) {
        this.removed = changes.removed().toArray(String[]::new);
        int count = changes.added().size();
        this.names = new byte[count][];
        this.values = new HeaderTemplate[count];
        for (int i = 0; i < count; i++) {
            HeaderChanges.Field field = changes.added().get(i);
            names[i] = MessageWriter.ascii(field.name());
            values[i] = field.value();
        }
    }

    /** Null when nothing is changed. */
    static @Nullable HeaderRules of(HeaderChanges changes) {
        return changes.isNone() ? null : new HeaderRules(changes);
    }

    /** Whether the {@code i}-th field is left out; one that is not, for its name has underscores, would be read as the same by some. */
    boolean removes(Fields fields, int i) {
        for (String name : removed) {
            if (fields.nameResembles(i, name)) {
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

    void add(Function<HeaderTemplate.Variable, String> variables, BiConsumer<byte[], String> to) {
        for (int i = 0; i < names.length; i++) {
            to.accept(names[i], values[i].fill(variables));
        }
    }
}
