package io.foretell.testing;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the parts of one connection's requests. A body that is too long is counted to its end, but not kept: a client
 * that is still sending would miss an earlier answer.
 */
final class RequestGatherer extends SimpleChannelInboundHandler<HttpObject> {
    private final int maxBytes;
    private @Nullable HttpRequest head;
    private ByteArrayOutputStream body = new ByteArrayOutputStream();
    private long bodyBytes;

    RequestGatherer(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject part) throws IOException {
        if (part.decoderResult().isFailure()) {
            context.close();
            return;
        }
        if (part instanceof HttpRequest request) {
            begin(context, request);
        }
        if (part instanceof HttpContent content) {
            append(content);
        }
        HttpRequest begun = head;
        if (part instanceof LastHttpContent && begun != null) {
            head = null;
            context.fireChannelRead(new SageMakerRequest(begun, body.toByteArray(), bodyBytes));
        }
    }

    private void begin(ChannelHandlerContext context, HttpRequest request) {
        head = request;
        body = new ByteArrayOutputStream();
        bodyBytes = 0;
        if (HttpUtil.is100ContinueExpected(request)) {
            context.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
        }
    }

    private void append(HttpContent content) throws IOException {
        int bytes = content.content().readableBytes();
        bodyBytes += bytes;
        if (bodyBytes <= maxBytes) {
            content.content().readBytes(body, bytes);
        }
    }
}
