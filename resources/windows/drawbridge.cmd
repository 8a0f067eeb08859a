@echo off
start "" /b /wait "%~dp0..\Drawbridge.exe" %*
exit /b %errorlevel%
