package io.sluice.proxy.route;

import io.sluice.service.settings.SettingsReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A text with variables in it. {@code $$} is a dollar sign. */
public record HeaderTemplate(List<Object> parts) {
    /** What can be put in. */
    public enum Variable {
        /** The address of the client, or what a trusted peer says it is. */
        CLIENT_IP,
        /** The host that was asked for, without port. */
        HOST,
        REQUEST_ID,
        /** {@code http} or {@code https}. */
        SCHEME;

        String text() {
            return "$" + name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private static final String KNOWN =
            Arrays.stream(Variable.values()).map(Variable::text).collect(Collectors.joining(", "));

    public HeaderTemplate {
        parts = List.copyOf(parts);
    }

    /** Reads {@code text}; what is wrong with it is noted at {@code key}. */
    static HeaderTemplate read(SettingsReader reader, String key, String text) {
        try {
            return parse(text);
        } catch (IllegalArgumentException unknown) {
            reader.problem(key, text, "of variables only " + KNOWN + "; $$ for a dollar sign");
            return new HeaderTemplate(List.of());
        }
    }

    /**
     * Reads a text.
     *
     * @throws IllegalArgumentException if it has a variable that is not there
     */
    public static HeaderTemplate parse(String text) {
        List<Object> parts = new ArrayList<>();
        int from = 0;
        while (from < text.length()) {
            int dollar = text.indexOf('$', from);
            if (dollar < 0) {
                parts.add(text.substring(from));
                break;
            }
            if (dollar > from) {
                parts.add(text.substring(from, dollar));
            }
            if (text.startsWith("$$", dollar)) {
                parts.add("$");
                from = dollar + 2;
            } else {
                Variable variable = variable(text, dollar);
                parts.add(variable);
                from = dollar + variable.text().length();
            }
        }
        return new HeaderTemplate(parts);
    }

    private static Variable variable(String text, int at) {
        for (Variable variable : Variable.values()) {
            if (text.startsWith(variable.text(), at)) {
                return variable;
            }
        }
        throw new IllegalArgumentException(text + " (expected: of variables only " + KNOWN + ")");
    }

    /** The text with values in place of its variables. */
    public String fill(Function<Variable, String> values) {
        if (parts.size() == 1 && parts.get(0) instanceof String constant) {
            return constant;
        }
        StringBuilder filled = new StringBuilder();
        for (Object part : parts) {
            filled.append(part instanceof Variable variable ? values.apply(variable) : part);
        }
        return filled.toString();
    }
}
