package io.sluice.proxy.listener;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.http1.KnownField;
import java.util.Arrays;

/** A response head on its way into HTTP/2: names in lower case and values, in the order they came. They have been checked by whoever read them. */
final class Http2ResponseHead {
    private static final int USUAL_FIELDS = 12;

    private final int status;
    private AsciiString[] namesAndValues = new AsciiString[2 * USUAL_FIELDS];
    private int used;

    Http2ResponseHead(int status) {
        this.status = status;
    }

    void add(Fields from, int i) {
        add(from.lowerCaseName(i), from.octets(i));
    }

    /** Adds what may stand in a section that frames nothing. */
    void addUnframed(Fields from) {
        for (int i = 0; i < from.count(); i++) {
            if (!from.known(i).isForbiddenInTrailers()) {
                add(from, i);
            }
        }
    }

    void add(byte[] name, String value) {
        add(KnownField.lowerCaseName(name), new AsciiString(value));
    }

    private void add(AsciiString name, AsciiString value) {
        if (used == namesAndValues.length) {
            namesAndValues = Arrays.copyOf(namesAndValues, 2 * used);
        }
        namesAndValues[used] = name;
        namesAndValues[used + 1] = value;
        used += 2;
    }

    Http2Headers headers() {
        AsciiString text = HttpResponseStatus.valueOf(status).codeAsText();
        return ReadOnlyHttp2Headers.serverHeaders(false, text, Arrays.copyOf(namesAndValues, used));
    }
}
