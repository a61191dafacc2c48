package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.channel.FileRegion;
import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.http1.KnownField;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Changes the header fields of one response on its way to the client, whoever it comes from. */
class ShapedResponse implements Downstream {
    private final Downstream client;
    private final Forwarder loop;
    private final RequestHead head;
    private final @Nullable HeaderRules rules;
    private String requestId = "";

    ShapedResponse(Downstream client, Forwarder loop, RequestHead head, @Nullable HeaderRules rules) {
        this.client = client;
        this.loop = loop;
        this.head = head;
        this.rules = rules;
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
            client.addFields(from, first, last);
        }
    }

    /** Whether a field does not go out as it is. */
    boolean withholds(Fields from, int i) {
        return rules != null && rules.removes(from, i);
    }

    /** Whether a field does not go out as it is. */
    boolean withholds(byte[] name, String value) {
        return rules != null && rules.removes(name);
    }

    @Override
    public void addField(byte[] name, String value) {
        if (Arrays.equals(name, HeaderNames.REQUEST_ID)) {
            requestId = value;
        }
        if (!withholds(name, value)) {
            client.addField(name, value);
        }
    }

    @Override
    public boolean endHead(boolean framed, boolean closes) {
        if (rules != null) {
            rules.add(variable -> loop.variable(variable, head, client.peer(), requestId), client::addField);
        }
        return client.endHead(framed, closes);
    }

    final Forwarder loop() {
        return loop;
    }

    final Downstream client() {
        return client;
    }

    @Override
    public DownstreamPeer peer() {
        return client.peer();
    }

    @Override
    public boolean isClosing() {
        return client.isClosing();
    }

    @Override
    public void setReading(boolean reading) {
        client.setReading(reading);
    }

    @Override
    public void sendInterim(int status, @Nullable Fields fields) {
        client.sendInterim(status, fields);
    }

    @Override
    public void beginResponse(int status) {
        client.beginResponse(status);
    }

    @Override
    public void sendPart(ByteBuf part) {
        client.sendPart(part);
    }

    @Override
    public boolean trySendFile(FileRegion part) {
        return client.trySendFile(part);
    }

    @Override
    public void endResponse(@Nullable Fields trailers) {
        client.endResponse(trailers);
    }

    @Override
    public void flush() {
        client.flush();
    }

    @Override
    public boolean isWritable() {
        return client.isWritable();
    }

    @Override
    public boolean isHeadSent() {
        return client.isHeadSent();
    }

    @Override
    public TunnelEnd openTunnel(TunnelReceiver receiver) {
        return client.openTunnel(receiver);
    }

    @Override
    public void exchangeEnded(boolean closes) {
        client.exchangeEnded(closes);
    }

    @Override
    public void abort() {
        client.abort();
    }
}
