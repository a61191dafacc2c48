package io.sluice.nginx;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Every directive that the importer has an opinion about, from {@code directives.txt}. {@code docs/from-nginx.md} lists the same names; a test
 * compares them.
 */
final class KnownDirectives {
    /** What becomes of a directive. */
    enum Support {
        /** Carried over where it may stand; elsewhere it is left out. */
        MAPPED,
        /** Carried over to the routes for which it holds; without any it means nothing. */
        INHERITED,
        /** The proxy does without. */
        NEEDLESS,
        /** There is nothing like it. */
        MISSING
    }

    /** What is known of one. */
    record Known(Support support, String remark) {}

    private static final Map<String, Known> ALL = read();

    private KnownDirectives() {}

    static @Nullable Known find(String name) {
        return ALL.get(name);
    }

    static Set<String> names() {
        return new TreeSet<>(ALL.keySet());
    }

    private static Map<String, Known> read() {
        try (InputStream table = KnownDirectives.class.getResourceAsStream("directives.txt")) {
            byte[] text =
                    Objects.requireNonNull(table, "directives.txt is missing").readAllBytes();
            return parse(new String(text, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Known> parse(String table) {
        Map<String, Known> all = new HashMap<>();
        Known known = null;
        for (String line : table.lines().toList()) {
            if (line.startsWith(" ")) {
                for (String name : line.strip().split(" ", -1)) {
                    all.put(name, Objects.requireNonNull(known, "names come after what is known of them"));
                }
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                String[] words = line.split(" ", 2);
                known = new Known(
                        Support.valueOf(words[0].toUpperCase(Locale.ROOT)), words.length == 1 ? "" : words[1]);
            }
        }
        return all;
    }
}
