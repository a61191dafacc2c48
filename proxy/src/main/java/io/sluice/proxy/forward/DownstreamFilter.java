package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.channel.FileRegion;
import io.sluice.proxy.http1.Fields;
import org.jspecify.annotations.Nullable;

/** Stands between whoever answers and the client, and leaves everything as it is. */
class DownstreamFilter implements Downstream {
    private final Downstream client;

    DownstreamFilter(Downstream client) {
        this.client = client;
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
    public String date() {
        return client.date();
    }

    @Override
    public void addFields(Fields from, int first, int last) {
        client.addFields(from, first, last);
    }

    @Override
    public void addField(byte[] name, String value) {
        client.addField(name, value);
    }

    @Override
    public boolean endHead(boolean framed, boolean closes) {
        return client.endHead(framed, closes);
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
