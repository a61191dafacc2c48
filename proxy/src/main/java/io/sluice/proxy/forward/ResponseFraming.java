package io.sluice.proxy.forward;

import io.sluice.proxy.http1.BodyReader;
import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.http1.KnownField;

/** Where the body of an HTTP/1.x response ends (RFC 9112 §6.3). One instance per connection, used for one head at a time. */
final class ResponseFraming {
    private boolean bodiless;
    private boolean chunked;
    private long length;

    /**
     * Looks at a head.
     *
     * @param withoutBody whether there is none, whatever the head says
     * @return false when the end cannot be told for certain, or somebody else could read it otherwise
     */
    boolean read(Fields fields, boolean http10, boolean withoutBody) {
        bodiless = withoutBody;
        chunked = false;
        length = -1;
        for (int i = 0; i < fields.count(); i++) {
            if (fields.known(i) == KnownField.TRANSFER_ENCODING) {
                if (chunked || http10 || !fields.valueIs(i, "chunked")) {
                    return false;
                }
                chunked = true;
            } else if (fields.known(i) == KnownField.CONTENT_LENGTH) {
                long one = fields.number(i);
                if (one < 0 || one == Long.MAX_VALUE || (length >= 0 && one != length)) {
                    return false;
                }
                length = one;
            }
        }
        return !chunked || length < 0;
    }

    /** Whether the head says that a body follows, even if there is none. */
    boolean declaresContent() {
        return chunked || length > 0;
    }

    /** Whether the head tells the end to those that get it without its transfer coding. */
    boolean isFramed() {
        return bodiless || (!chunked && length >= 0);
    }

    boolean endsWithConnection() {
        return !bodiless && !chunked && length < 0;
    }

    void begin(BodyReader body) {
        if (bodiless) {
            body.beginLength(0);
        } else if (chunked) {
            body.beginChunked();
        } else if (length >= 0) {
            body.beginLength(length);
        } else {
            body.beginUntilClose();
        }
    }
}
