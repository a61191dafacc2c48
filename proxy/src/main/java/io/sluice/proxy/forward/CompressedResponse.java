package io.sluice.proxy.forward;

import io.netty.buffer.ByteBuf;
import io.netty.channel.FileRegion;
import io.sluice.proxy.http1.Fields;
import io.sluice.proxy.route.CompressionSettings;
import io.sluice.proxy.route.ContentCoding;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Compresses one response on its way to the client, if it is of a kind that gains by it and the client takes it. The fields that depend on that are
 * held back until the head is complete.
 */
final class CompressedResponse extends ShapedResponse {
    private final CompressionSettings settings;
    private final List<ContentCoding> codings;
    private final RequestHead request;

    private int status;
    private boolean typeFits;
    private boolean excluded;
    private long length = -1;
    private @Nullable String contentLength;
    private @Nullable String etag;
    private @Nullable String vary;
    private @Nullable String acceptRanges;
    private @Nullable ContentEncoder encoder;

    /** @param codings those of the settings that can be used here */
    CompressedResponse(
            Downstream client,
            Forwarder loop,
            RequestHead request,
            ResponseShape shape,
            CompressionSettings settings,
            List<ContentCoding> codings) {
        super(client, loop, request, shape);
        this.request = request;
        this.settings = settings;
        this.codings = codings;
    }

    @Override
    public void beginResponse(int code) {
        status = code;
        super.beginResponse(code);
    }

    @Override
    boolean withholds(Fields from, int i) {
        return super.withholds(from, i) || note(from.name(i), from.value(i));
    }

    @Override
    boolean withholds(byte[] name, String value) {
        return super.withholds(name, value) || note(new String(name, StandardCharsets.US_ASCII), value);
    }

    /** Whether the field is held back. */
    private boolean note(String name, String value) {
        switch (name.toLowerCase(Locale.ROOT)) {
            case "content-type" -> typeFits = settings.includes(value);
            case "content-encoding", "content-range", "content-digest" -> excluded = true;
            case "cache-control" -> excluded |= value.toLowerCase(Locale.ROOT).contains("no-transform");
            case "content-length" -> {
                contentLength = value;
                length = Long.parseLong(value);
                return true;
            }
            case "etag" -> {
                etag = value;
                return true;
            }
            case "accept-ranges" -> {
                acceptRanges = value;
                return true;
            }
            case "vary" -> {
                vary = vary == null ? value : vary + ", " + value;
                return true;
            }
            default -> {}
        }
        return false;
    }

    @Override
    public boolean endHead(boolean framed, boolean closes) {
        boolean gains = typeFits && !excluded && hasBody() && (length < 0 || length >= settings.minBytes());
        ContentCoding coding = gains && !request.isHttp10() ? AcceptEncoding.choose(request.fields(), codings) : null;
        if (coding != null) {
            client().addField(HeaderNames.CONTENT_ENCODING, coding.token());
        } else {
            addHeld(HeaderNames.CONTENT_LENGTH, contentLength);
            addHeld(HeaderNames.ACCEPT_RANGES, acceptRanges);
        }
        String tag = etag;
        // The same bytes no more, but the same meaning (RFC 9110 §8.8.1).
        addHeld(HeaderNames.ETAG, coding != null && tag != null && !tag.startsWith("W/") ? "W/" + tag : tag);
        addHeld(HeaderNames.VARY, gains || isPartOfWhatMayGain() ? varying() : vary);
        // What answers HEAD tells of the content that GET would get, and has none.
        if (coding != null && !request.isHead()) {
            encoder = ContentCodings.encoder(coding, settings.levels(), loop().allocator());
        }
        return super.endHead(framed && encoder == null, closes);
    }

    /** A range, or news that nothing has changed, varies as the whole does (RFC 9110 §15.3.7, §15.4.5). */
    private boolean isPartOfWhatMayGain() {
        return typeFits && (status == 206 || status == 304);
    }

    private boolean hasBody() {
        return status >= 200 && status != 204 && status != 206 && status != 304;
    }

    private String varying() {
        String others = vary;
        if (others == null) {
            return "Accept-Encoding";
        }
        boolean said = HopByHop.lists(others, "accept-encoding") || HopByHop.lists(others, "*");
        return said ? others : others + ", Accept-Encoding";
    }

    private void addHeld(byte[] name, @Nullable String value) {
        if (value != null) {
            client().addField(name, value);
        }
    }

    @Override
    public boolean trySendFile(FileRegion part) {
        return encoder == null && super.trySendFile(part);
    }

    @Override
    public void sendPart(ByteBuf part) {
        ContentEncoder writer = encoder;
        if (writer == null) {
            super.sendPart(part);
        } else {
            pass(writer.write(part));
        }
    }

    private void pass(ByteBuf compressed) {
        if (compressed.isReadable()) {
            client().sendPart(compressed);
        } else {
            compressed.release();
        }
    }

    @Override
    public void flush() {
        ContentEncoder writer = encoder;
        if (writer != null && writer.isDirty()) {
            pass(writer.flush());
        }
        super.flush();
    }

    @Override
    public void endResponse(@Nullable Fields trailers) {
        ContentEncoder writer = encoder;
        if (writer != null) {
            pass(writer.end());
            close();
        }
        super.endResponse(trailers);
    }

    @Override
    public void abort() {
        close();
        super.abort();
    }

    @Override
    public void exchangeEnded(boolean closes) {
        close();
        super.exchangeEnded(closes);
    }

    private void close() {
        ContentEncoder writer = encoder;
        if (writer != null) {
            encoder = null;
            writer.close();
        }
    }
}
