package io.sluice.proxy.forward;

import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.route.ContentCoding;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code Accept-Encoding} (RFC 9110 §12.5.3). */
final class AcceptEncoding {
    private static final String NAME = "accept-encoding";
    private static final ContentCoding[] CODINGS = ContentCoding.values();
    private static final double NOT_LISTED = -1;

    private final Map<ContentCoding, Double> weights = new EnumMap<>(ContentCoding.class);
    private double any = NOT_LISTED;
    private double identity = NOT_LISTED;

    private AcceptEncoding() {}

    /**
     * The coding that a client that sent these fields likes best, and no less than the response as it is; null when there is none.
     *
     * @param offered of those that it likes equally well, the first is chosen
     */
    static @Nullable ContentCoding choose(Fields fields, List<ContentCoding> offered) {
        AcceptEncoding accepted = new AcceptEncoding();
        for (int i = 0; i < fields.count(); i++) {
            if (fields.nameIs(i, NAME)) {
                accepted.read(fields.value(i));
            }
        }
        ContentCoding best = null;
        double most = 0;
        for (ContentCoding coding : offered) {
            double weight = accepted.weight(coding);
            if (weight > most && weight >= accepted.identity) {
                best = coding;
                most = weight;
            }
        }
        return best;
    }

    private double weight(ContentCoding coding) {
        Double listed = weights.get(coding);
        return listed == null ? any : listed;
    }

    private void read(String value) {
        for (String item : value.split(",", -1)) {
            int semicolon = item.indexOf(';');
            String coding = (semicolon < 0 ? item : item.substring(0, semicolon)).strip();
            note(coding, semicolon < 0 ? 1 : weight(item.substring(semicolon + 1)));
        }
    }

    private void note(String coding, double weight) {
        if (coding.equals("*")) {
            any = weight;
        } else if (coding.equalsIgnoreCase("identity")) {
            identity = weight;
        } else {
            for (ContentCoding each : CODINGS) {
                if (coding.equalsIgnoreCase(each.token()) || isOldName(each, coding)) {
                    weights.merge(each, weight, Math::max);
                }
            }
        }
    }

    /** RFC 9110 §8.4.1.3. */
    private static boolean isOldName(ContentCoding coding, String name) {
        return coding == ContentCoding.GZIP && name.equalsIgnoreCase("x-gzip");
    }

    /** A weight that cannot be read counts as a refusal. */
    private static double weight(String parameters) {
        for (String parameter : parameters.split(";", -1)) {
            String each = parameter.strip();
            if (each.matches("[qQ]=(0(\\.[0-9]{0,3})?|1(\\.0{0,3})?)")) {
                return Double.parseDouble(each.substring(2));
            }
        }
        return 0;
    }
}
