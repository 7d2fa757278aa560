import { app } from "@user-management/conventional-service";

app.listen(Number(process.env["PORT"]), "127.0.0.1");
