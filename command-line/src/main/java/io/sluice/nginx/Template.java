package io.sluice.nginx;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Values of header fields with variables in them, in the proxy's words. */
final class Template {
    private static final Pattern VARIABLE = Pattern.compile("\\$(?:\\{(\\w+)}|(\\w+))?");
    private static final Map<String, String> OURS = Map.of(
            "remote_addr", "$client-ip",
            "host", "$host",
            "http_host", "$host",
            "scheme", "$scheme",
            "request_id", "$request-id");

    private Template() {}

    /** Empty when there is a variable that the proxy does not have, or the value cannot stand in a header field. */
    static Optional<String> of(String text) {
        Matcher matcher = VARIABLE.matcher(text);
        StringBuilder out = new StringBuilder();
        while (matcher.find()) {
            String name = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
            String ours = name == null ? "$$" : OURS.get(name);
            if (ours == null) {
                return Optional.empty();
            }
            matcher.appendReplacement(out, Matcher.quoteReplacement(ours));
        }
        String value = matcher.appendTail(out).toString();
        return value.matches("[\\x20-\\x7e\\t]*") && value.equals(value.strip())
                ? Optional.of(value)
                : Optional.empty();
    }
}
