package io.sluice.nginx.syntax;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One directive.
 *
 * @param arguments without quotes and escapes
 * @param block what stands between its braces, includes replaced by what they name; null when it ends with a semicolon
 */
public record Directive(
        String name, List<String> arguments, @Nullable List<Directive> block, Position position) {
    private static final int LONGEST_SHOWN = 100;

    public Directive {
        arguments = List.copyOf(arguments);
        block = block == null ? null : List.copyOf(block);
    }

    public boolean is(String expected) {
        return name.equals(expected);
    }

    /** The {@code i}-th argument; empty when there are not so many. */
    public String argument(int i) {
        return i < arguments.size() ? arguments.get(i) : "";
    }

    /** What stands in its braces; nothing when there are none. */
    public List<Directive> children() {
        return block == null ? List.of() : block;
    }

    /** This one and all below it. */
    public Stream<Directive> withAllBelow() {
        return Stream.concat(Stream.of(this), children().stream().flatMap(Directive::withAllBelow));
    }

    /** On one line, for people: control characters are blanked, and what is long is cut. */
    public String shown() {
        String text = (name + " " + String.join(" ", arguments))
                .replaceAll("[^\\x20-\\x7e]", " ")
                .strip();
        return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "...";
    }
}
