package io.sluice.proxy.forward;

import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.http1.MessageWriter;
import io.sluice.proxy.route.BrowserRules;
import io.sluice.proxy.route.CorsSettings;
import io.sluice.proxy.route.SecuritySettings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a route tells browsers, in the form that the traffic path uses. */
final class BrowserFields {
    private static final String TRANSPORT = "Strict-Transport-Security";
    /** Where the proxy speaks for a route, nobody else does: two answers would be none to a browser. */
    private static final String[] OF_CORS = {
        "access-control-allow-origin",
        "access-control-allow-credentials",
        "access-control-expose-headers",
        "access-control-allow-methods",
        "access-control-allow-headers",
        "access-control-max-age"
    };

    private final String[] lowerCase;
    private final byte[][] names;
    private final String[] values;
    private final boolean overrides;
    private final boolean hasTransport;
    private final @Nullable CorsSettings cors;
    private final String exposed;

    private BrowserFields(BrowserRules rules, @Nullable HeaderRules routeOwn) {
        SecuritySettings security = rules.security();
        List<SecuritySettings.Field> fields = new ArrayList<>();
        hasTransport = security != null && !security.transport().isEmpty();
        if (security != null) {
            if (hasTransport) {
                fields.add(new SecuritySettings.Field(TRANSPORT, security.transport()));
            }
            fields.addAll(security.others());
        }
        int count = fields.size();
        lowerCase = new String[count];
        names = new byte[count][];
        values = new String[count];
        for (int i = 0; i < count; i++) {
            SecuritySettings.Field field = fields.get(i);
            byte[] name = MessageWriter.ascii(field.name());
            lowerCase[i] = field.name().toLowerCase(Locale.ROOT);
            names[i] = name;
            // What the route sets or removes by name is its last word.
            values[i] = routeOwn != null && routeOwn.removes(name) ? "" : field.value();
        }
        overrides = security != null && security.overrides();
        cors = rules.cors();
        exposed = cors == null ? "" : String.join(", ", cors.exposedHeaders());
    }

    /** Null when it tells them nothing. */
    static @Nullable BrowserFields of(BrowserRules rules, @Nullable HeaderRules routeOwn) {
        return rules.security() == null && rules.cors() == null ? null : new BrowserFields(rules, routeOwn);
    }

    /** For one response. */
    Response of(RequestHead head, boolean secure) {
        return new Response(cors == null ? null : head.fields().valueOf("origin"), secure);
    }

    /** One response: notes what whoever answers says itself, and adds the rest. */
    final class Response {
        private final @Nullable String origin;
        private final boolean secure;
        private int seen;

        Response(@Nullable String origin, boolean secure) {
            this.origin = origin;
            this.secure = secure;
        }

        /** Whether the field does not go out. */
        boolean withholds(Fields fields, int at) {
            for (int i = 0; i < lowerCase.length; i++) {
                if (fields.nameIs(at, lowerCase[i])) {
                    return withholdsSecurity(i);
                }
            }
            for (int i = 0; cors != null && i < OF_CORS.length; i++) {
                if (fields.nameIs(at, OF_CORS[i])) {
                    return true;
                }
            }
            return false;
        }

        /** As {@link #withholds(Fields, int)}; the proxy's own answers have no fields of CORS. */
        void note(byte[] name) {
            String text = new String(name, StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
            for (int i = 0; i < lowerCase.length; i++) {
                if (lowerCase[i].equals(text)) {
                    seen |= 1 << i;
                }
            }
        }

        private boolean withholdsSecurity(int i) {
            boolean replaced = overrides && !values[i].isEmpty() && isDue(i);
            if (!replaced) {
                seen |= 1 << i;
            }
            return replaced;
        }

        /** RFC 6797 §7.2: not over an insecure connection. */
        private boolean isDue(int i) {
            return secure || i > 0 || !hasTransport;
        }

        void add(Downstream to) {
            for (int i = 0; i < names.length; i++) {
                if ((seen & 1 << i) == 0 && !values[i].isEmpty() && isDue(i)) {
                    to.addField(names[i], values[i]);
                }
            }
            CorsSettings allowed = cors;
            if (allowed != null) {
                Cors.admit(allowed, origin, to);
                if (!exposed.isEmpty() && allowed.admits(origin)) {
                    to.addField(Cors.EXPOSE_HEADERS, exposed);
                }
            }
        }
    }
}
