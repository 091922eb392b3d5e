/* A process of another user finds the device's socket, for its name is no secret, and is refused. */
#include "device.h"
#include "../../../src/MmuNotifier.Tool/Device/Native/protocol.h"
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct mmun_message message = { .kind = MMUN_OPEN, .value = 1 };
	const char *name = getenv(MMUN_DEVICE_VARIABLE);
	int connection = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	NEED(name && strlen(name) < sizeof(address.sun_path));
	memcpy(address.sun_path + 1, name, strlen(name));
	NEED(!setgid(65534) && !setuid(65534));
	NEED(!connect(connection, (struct sockaddr *)&address, offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name)));
	NEED(send(connection, &message, sizeof(message), 0) == sizeof(message));
	NEED(recv(connection, &message, sizeof(message), 0) == sizeof(message));
	EQUAL(MMUN_RESULT, message.kind);
	EQUAL(EACCES, message.error);
	return finish();
}
