package io.sluice.proxy.route;

import io.sluice.service.settings.SettingsReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Header fields that make browsers more careful.
 *
 * @param transport {@code Strict-Transport-Security}, for responses over TLS only; empty for none
 * @param others name and value
 * @param overrides whether they take the place of what the backend sent; otherwise its own fields stay
 */
public record SecuritySettings(String transport, List<Field> others, boolean overrides) {
    /** One of them. */
    public record Field(String name, String value) {}

    /** Who may show a page inside of another one. */
    public enum Frame {
        /** Nobody. */
        DENY,
        /** Pages of the same origin. */
        SAME_ORIGIN,
        /** Whoever likes. */
        ANY
    }

    private static final String KEY = "security-headers";
    private static final Duration YEAR = Duration.ofDays(365);
    private static final String REFERRER_POLICY = "strict-origin-when-cross-origin";

    /** What {@code security-headers: true} means. */
    public static final SecuritySettings DEFAULT = new SecuritySettings(
            "max-age=" + YEAR.toSeconds(), fields(true, Frame.SAME_ORIGIN, "", REFERRER_POLICY, ""), false);

    public SecuritySettings {
        others = List.copyOf(others);
    }

    /**
     * Reads {@code security-headers}: true, or a section with {@code hsts} (a time, 0s for none), {@code hsts-subdomains}, {@code
     * hsts-preload}, {@code nosniff}, {@code frame}, {@code content-security-policy}, {@code referrer-policy}, {@code permissions-policy} and
     * {@code override}. Null when they are off.
     */
    static @Nullable SecuritySettings read(SettingsReader route) {
        if (!route.has(KEY)) {
            return null;
        }
        if (!route.isSection(KEY)) {
            return route.flag(KEY, false) ? DEFAULT : null;
        }
        SettingsReader reader = route.section(KEY);
        return new SecuritySettings(
                transport(reader),
                fields(
                        reader.flag("nosniff", true),
                        reader.choice("frame", Frame.class, Frame.SAME_ORIGIN),
                        value(reader, "content-security-policy", ""),
                        value(reader, "referrer-policy", REFERRER_POLICY),
                        value(reader, "permissions-policy", "")),
                reader.flag("override", false));
    }

    private static String transport(SettingsReader reader) {
        Duration age = reader.duration("hsts", YEAR, Duration.ZERO);
        String subdomains = reader.flag("hsts-subdomains", false) ? "; includeSubDomains" : "";
        String preload = reader.flag("hsts-preload", false) ? "; preload" : "";
        return age.isZero() ? "" : "max-age=" + age.toSeconds() + subdomains + preload;
    }

    private static String value(SettingsReader reader, String key, String defaultValue) {
        String value = reader.text(key, defaultValue);
        if (!HeaderChanges.isValue(value)) {
            reader.problem(key, value, "visible ASCII");
        }
        return value;
    }

    private static List<Field> fields(
            boolean nosniff, Frame frame, String contentPolicy, String referrerPolicy, String permissionsPolicy) {
        List<Field> fields = new ArrayList<>();
        addIf(nosniff, fields, "X-Content-Type-Options", "nosniff");
        addIf(frame != Frame.ANY, fields, "X-Frame-Options", frame == Frame.DENY ? "DENY" : "SAMEORIGIN");
        String ancestors = frame == Frame.ANY ? "" : "frame-ancestors " + (frame == Frame.DENY ? "'none'" : "'self'");
        String policy = contentPolicy.isEmpty() ? ancestors : contentPolicy;
        addIf(!policy.isEmpty(), fields, "Content-Security-Policy", policy);
        addIf(!referrerPolicy.isEmpty(), fields, "Referrer-Policy", referrerPolicy);
        addIf(!permissionsPolicy.isEmpty(), fields, "Permissions-Policy", permissionsPolicy);
        return fields;
    }

    private static void addIf(boolean wanted, List<Field> to, String name, String value) {
        if (wanted) {
            to.add(new Field(name, value));
        }
    }
}
