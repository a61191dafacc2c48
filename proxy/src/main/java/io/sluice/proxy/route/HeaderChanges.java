package io.sluice.proxy.route;

import io.sluice.service.settings.SettingsReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a route changes in the header fields that it passes on.
 *
 * @param removed names of fields that are left out; those that are set are among them
 * @param added in this order, after the others
 */
public record HeaderChanges(List<String> removed, List<Field> added) {
    /** One field to be added. */
    public record Field(String name, HeaderTemplate value) {}

    /** They frame or route a message, or belong to one connection: nobody but the proxy may write them. */
    private static final Set<String> OF_THE_MESSAGE = Set.of(
            "host",
            "connection",
            "content-length",
            "transfer-encoding",
            "te",
            "trailer",
            "upgrade",
            "keep-alive",
            "proxy-connection",
            "http2-settings",
            "expect",
            "x-request-id");

    /** The proxy says by these who the client is. */
    private static final Set<String> ABOUT_THE_CLIENT =
            Set.of("via", "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip");

    /** Whether only the proxy writes this field, because it frames or routes a message or belongs to one connection; in lower case. */
    public static boolean isOfTheMessage(String name) {
        return OF_THE_MESSAGE.contains(name);
    }

    /** Whether the proxy says by this field of a request who the client is; in lower case. */
    public static boolean isAboutTheClient(String name) {
        return ABOUT_THE_CLIENT.contains(name);
    }

    public HeaderChanges {
        removed = List.copyOf(removed);
        added = List.copyOf(added);
    }

    public boolean isNone() {
        return removed.isEmpty() && added.isEmpty();
    }

    /** Reads {@code set}, {@code add} (both name: value) and {@code remove} (names) of a request's or a response's changes. */
    static HeaderChanges read(SettingsReader reader, boolean ofRequest) {
        List<String> removed = new ArrayList<>();
        List<Field> added = new ArrayList<>();
        for (String name : reader.texts("remove")) {
            if (mayChange(reader, "remove", name, ofRequest)) {
                removed.add(name);
            }
        }
        reader.namedTexts("set").forEach((name, value) -> {
            if (mayChange(reader, "set." + name, name, ofRequest)) {
                removed.add(name);
                add(reader, "set." + name, name, value, added);
            }
        });
        reader.namedTexts("add").forEach((name, value) -> {
            if (mayChange(reader, "add." + name, name, ofRequest)) {
                add(reader, "add." + name, name, value, added);
            }
        });
        return new HeaderChanges(removed, added);
    }

    private static boolean mayChange(SettingsReader reader, String key, String name, boolean ofRequest) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (!isName(name)) {
            reader.problem(key, name, "the name of a header field");
            return false;
        }
        if (isOfTheMessage(lower) || (ofRequest && isAboutTheClient(lower))) {
            reader.problem(key, name, "a field that is not the proxy's own to write");
            return false;
        }
        return true;
    }

    private static void add(SettingsReader reader, String key, String name, String value, List<Field> added) {
        if (isValue(value)) {
            added.add(new Field(name, HeaderTemplate.read(reader, key, value)));
        } else {
            reader.problem(key, value, "visible ASCII");
        }
    }

    private static boolean isName(String name) {
        return name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
    }

    /** Whether a field can have this value: visible ASCII, blanks inside. */
    static boolean isValue(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c != '\t' && (c < ' ' || c >= 0x7f)) {
                return false;
            }
        }
        return value.strip().length() == value.length();
    }
}
