package io.sluice.proxy.forward;

import io.sluice.proxy.http1.Fields;

/** Reads {@code Accept-Encoding} (RFC 9110 §12.5.3). */
final class AcceptEncoding {
    private static final String NAME = "accept-encoding";

    private AcceptEncoding() {}

    /** Whether a client that sent these fields takes gzip, and likes it no less than the response as it is. */
    static boolean takesGzip(Fields fields) {
        double gzip = -1;
        double any = -1;
        double identity = -1;
        for (int i = 0; i < fields.count(); i++) {
            if (!fields.nameIs(i, NAME)) {
                continue;
            }
            for (String item : fields.value(i).split(",", -1)) {
                int semicolon = item.indexOf(';');
                String coding = (semicolon < 0 ? item : item.substring(0, semicolon)).strip();
                double weight = semicolon < 0 ? 1 : weight(item.substring(semicolon + 1));
                if (coding.equalsIgnoreCase("gzip") || coding.equalsIgnoreCase("x-gzip")) {
                    gzip = Math.max(gzip, weight);
                } else if (coding.equals("*")) {
                    any = weight;
                } else if (coding.equalsIgnoreCase("identity")) {
                    identity = weight;
                }
            }
        }
        double takes = gzip >= 0 ? gzip : any;
        return takes > 0 && takes >= identity;
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
