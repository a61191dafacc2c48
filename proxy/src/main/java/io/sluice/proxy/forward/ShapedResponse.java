package io.sluice.proxy.forward;

import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.http1.KnownField;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Changes the header fields of one response on its way to the client, whoever it comes from. */
class ShapedResponse extends DownstreamFilter {
    private final Forwarder loop;
    private final RequestHead head;
    private final @Nullable HeaderRules rules;
    private final BrowserFields.@Nullable Response browser;
    private String requestId = "";

    ShapedResponse(Downstream client, Forwarder loop, RequestHead head, ResponseShape shape) {
        super(client);
        this.loop = loop;
        this.head = head;
        this.rules = shape.headers();
        this.browser = shape.browser(head, client.peer());
    }

    @Override
    public void addFields(Fields from, int first, int last) {
        int start = first;
        for (int i = first; i <= last; i++) {
            if (from.known(i) == KnownField.X_REQUEST_ID) {
                requestId = from.value(i);
            }
            if (withholds(from, i)) {
                pass(from, start, i - 1);
                start = i + 1;
            }
        }
        pass(from, start, last);
    }

    private void pass(Fields from, int first, int last) {
        if (first <= last) {
            super.addFields(from, first, last);
        }
    }

    /** Whether a field does not go out as it is. */
    boolean withholds(Fields from, int i) {
        return (rules != null && rules.removes(from, i)) || (browser != null && browser.withholds(from, i));
    }

    /** Whether a field does not go out as it is. */
    boolean withholds(byte[] name, String value) {
        if (browser != null) {
            browser.note(name);
        }
        return rules != null && rules.removes(name);
    }

    @Override
    public void addField(byte[] name, String value) {
        if (Arrays.equals(name, HeaderNames.REQUEST_ID)) {
            requestId = value;
        }
        if (!withholds(name, value)) {
            super.addField(name, value);
        }
    }

    @Override
    public boolean endHead(boolean framed, boolean closes) {
        if (rules != null) {
            rules.add(variable -> loop.variable(variable, head, client().peer(), requestId), client()::addField);
        }
        if (browser != null) {
            browser.add(client());
        }
        return super.endHead(framed, closes);
    }

    final Forwarder loop() {
        return loop;
    }
}
